"""What runs behind the wall, beside students' code: this folder and `model/` alone."""
