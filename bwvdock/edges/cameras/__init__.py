"""Cameras, each behind the Camera port."""
