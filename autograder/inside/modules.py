"""`nn.Module`s that stay on the student's side, as modules on the checker's.

Their parameters are copies: reading one fetches its numbers, a gradient that comes
back is put into the copy's `.grad`, and what a test writes into a copy (an optimizer's
step, `nn.init`) goes out with the next call.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import nn

NOT_SHOWN = {"_parameters", "_buffers", "training"}
BLANK = {
    name: value for name, value in vars(nn.Module()).items() if name not in NOT_SHOWN
}


class RemoteModule(nn.Module):
    """A module on the student's side."""

    _remote: Any

    def __init__(self, remote: Any) -> None:
        self.__dict__.update({k: type(v)() for k, v in BLANK.items() if v is not None})
        self.__dict__.update({k: None for k, v in BLANK.items() if v is None})
        self.__dict__["_remote"] = remote
        self.__dict__["_known"] = False

    def __repr__(self) -> str:
        """Say what this stands for."""
        return f"<{type(self).__name__} on the student's side>"

    def _members(self, kind: str) -> dict[str, Any]:
        """Return the parameters or buffers by name."""
        remote = self._remote
        key = (remote.number, "named_" + kind)
        if key not in remote.link.reads:
            found = remote.link.ask("members", (kind,), **remote.where)
            remote.link.reads[key] = dict(found)
        return dict(remote.link.reads[key])

    @property
    def _parameters(self) -> dict[str, Any]:  # type: ignore[override]  # computed
        """The parameters of this module and of all in it."""
        self.__dict__["_known"] = True
        return self._members("parameters")

    @property
    def _buffers(self) -> dict[str, Any]:  # type: ignore[override]  # computed
        """The buffers of this module and of all in it."""
        return self._members("buffers")

    @property
    def training(self) -> bool:  # type: ignore[override]  # computed
        """Whether the module is in training."""
        return self._remote.get("training") is True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the module."""
        if torch.is_grad_enabled() and not self.__dict__["_known"]:
            _ = self._parameters
        return self._remote.call(args, kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the module's own forward."""
        if torch.is_grad_enabled() and not self.__dict__["_known"]:
            _ = self._parameters
        return self._remote.call(args, kwargs, "forward")

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the module."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self._remote.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of the module."""
        self._remote.ask("set", name, value)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the module's state."""
        state = self._remote.call((), {}, "state_dict")
        destination = kwargs.get("destination")
        if destination is None:
            return state
        prefix = kwargs.get("prefix", "")
        destination.update({prefix + name: value for name, value in state.items()})
        return destination

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Load weights into the module."""
        result = self._remote.call(args, kwargs, "load_state_dict")
        self._remote.link.reads.clear()
        _ = self._parameters
        return result

    def train(self, mode: bool = True) -> RemoteModule:
        """Set the module to training, or not."""
        self._remote.call((mode,), {}, "train")
        return self

    def requires_grad_(self, requires_grad: bool = True) -> RemoteModule:
        """Say whether the parameters want gradients."""
        self._remote.call((requires_grad,), {}, "requires_grad_")
        for copy in self._parameters.values():
            copy.requires_grad_(requires_grad)
        return self

    def _converted(self, method: str, *args: Any, **kwargs: Any) -> RemoteModule:
        """Convert the module and fetch its parameters anew."""
        self._remote.call(args, kwargs, method)
        _ = self._parameters
        return self

    def to(self, *args: Any, **kwargs: Any) -> RemoteModule:
        """Convert the module to another dtype."""
        return self._converted("to", *args, **kwargs)

    def double(self) -> RemoteModule:
        """Convert the module to float64."""
        return self._converted("double")

    def float(self) -> RemoteModule:
        """Convert the module to float32."""
        return self._converted("float")

    def half(self) -> RemoteModule:
        """Convert the module to float16."""
        return self._converted("half")

    def bfloat16(self) -> RemoteModule:
        """Convert the module to bfloat16."""
        return self._converted("bfloat16")

    def __len__(self) -> int:
        """Return the length of a list of modules."""
        return self._remote.operator("len")

    def __iter__(self) -> Any:
        """Iterate over a list of modules."""
        return iter(self._remote.operator("iter"))

    def __getitem__(self, key: Any) -> Any:
        """Return a part of a list of modules."""
        return self._remote.operator("getitem", key)

    def __bool__(self) -> bool:
        """Whether there is a module: there is."""
        return True

    def __deepcopy__(self, memo: Any) -> Any:
        """Return a copy, made on the student's side."""
        return self._remote.operator("copy")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to be pickled."""
        raise TypeError("a module on the student's side can't be pickled")


@lru_cache(maxsize=64)
def module_class(name: str) -> type[RemoteModule]:
    """Return a class whose name is the one of the student's class."""
    plain = name if name.isidentifier() else "Module"
    return type(plain, (RemoteModule,), {"__module__": "student"})


def remote_module(remote: Any, name: str) -> RemoteModule:
    """Return the proxy of a module."""
    return module_class(name)(remote)
