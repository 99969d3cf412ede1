"""Which messages does the log have about cameras: who had them, their health, clocks and lights?"""

from __future__ import annotations

CAMERA_FACTS = {
    "camera_officer_differs": "9ececa3307aa4512a85ccb80e8e13b69",
    "camera_battery_read": "cfae09ac81dd4478b1f1a32249163d76",
    "camera_checked_out": "99e94b7b7b8249269e7071d8786c8866",
    "camera_returned": "759544e8966c4c7aad0ac789263a8841",
    "camera_taken_otherwise": "91ab6dcd6d5a46e3a384612e071e579a",
    "attribution_disputed": "c82e7e54442e4f9d8359e314cf07cc49",
    "attribution_upheld": "885a4137850a418a8f2e8e308ce9c3ed",
    "clock_set_intended": "af2280c3339a4945855f1d121a6aa720",
    "clock_set_ended": "55d6673d135144008048b56ccfabf415",
}

CAMERA_ALERTS = {
    "camera-settings-differ": "d687857f792f47c2a01bd87309d30c49",
    "camera-officer-differs": "215f478ff7264ed7b13a2c79d0ef9de4",
    "badges-not-read": "56a61b3251d349efbb489e59f4c09fa4",
    "camera-taken-otherwise": "f32138e0e2e94d47a083174c17e454c8",
    "camera-set-aside": "65f7e10e6ff94fa2bf51532730f2fce6",
    "light-failing": "9302981e6b404fe3ae03fbddf19280d8",
}
