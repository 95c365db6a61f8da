# ruff: noqa
# tries: a disk that is full, or becomes so
# ends: stopped
# says: No space left on device|disk is full|disk I/O error


def fault(course, run):
    """Grade on disks in memory, of 4 MiB, of which some KiB are free; then make room."""
    import shutil

    build = course.build
    whole, left = build.rename(course.root / "whole"), course.root / "left"
    script = (
        f"cp -a {whole}/. {build}; dd if=/dev/zero of={build}/fill bs=1024 2>/dev/null;"
        f'truncate -s -"$1"K {build}/fill; shift; "$@"; status=$?;'
        f"rm {build}/fill; cp -a {build} {left}; exit $status"
    )
    disk = ("--dev-bind", "/", "/", "--size", str(4 << 20), "--tmpfs", str(build))
    for kib in (0, 8, 40, 2000):
        build.mkdir()
        shell = ("sh", "-c", script, "sh", str(kib))
        run.wait(run.start("bwrap", "--die-with-parent", *disk, *shell))
        build.rmdir()
        left.rename(build)
        run.again()
        shutil.rmtree(build)
    assert run.ended[0][0] == 2 and run.ended[-1][0] == 0
    whole.rename(build)
