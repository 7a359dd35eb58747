"""The files of a topology on a disk: found, checked, mended, with what their project and this machine say of them."""
