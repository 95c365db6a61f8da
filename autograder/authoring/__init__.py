"""How authors write: solution files, catalogues, notebooks made of them."""
