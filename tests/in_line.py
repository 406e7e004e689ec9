"""The tests give up real-time priority, as our media children do."""

from __future__ import annotations

import ctypes
import os
import sys

CAP_SYS_NICE = 23
VERSION_3 = 0x20080522  # of <linux/capability.h>: two words of 32 bits for each set


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def wait_in_line() -> None:
    """Root's encoders (SVT-AV1) and Chromium make themselves real-time, and what they start after it as well.

    On two cores such processes starve each other and the kernel: a run of all tests came to stand still.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, words = _Header(VERSION_3, 0), (_Word * 2)()
    if libc.capget(ctypes.byref(header), words) == 0:
        for kind in ("effective", "permitted", "inheritable"):
            setattr(words[0], kind, getattr(words[0], kind) & ~(1 << CAP_SYS_NICE))
        libc.capset(ctypes.byref(header), words)
    libc.prctl(24, CAP_SYS_NICE, 0, 0, 0)  # PR_CAPBSET_DROP: nor may what we start have it back
