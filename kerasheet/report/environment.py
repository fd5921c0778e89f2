"""What a report was made with."""

import importlib.metadata
import platform

from kerasheet.devices import list_devices

PACKAGES = ("kerasheet", "keras", "tensorflow", "numpy")


def environment() -> dict[str, str]:
    """Versions, platform and devices, as they are now."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    devices = "; ".join(device.describe() for device in list_devices())
    return {
        "Python": platform.python_version(),
        **versions,
        "platform": platform.platform(),
        "devices": devices,
    }
