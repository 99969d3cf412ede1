"""Cameras that speak MTP or PTP over USB (docs/adr/0006-mtp-over-pyusb.md)."""
