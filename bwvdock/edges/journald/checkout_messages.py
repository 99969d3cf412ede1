"""Which messages does the log have about cameras that are checked out by badge?"""

from __future__ import annotations

CHECKOUT_FACTS = {
    "camera_checked_out": "99e94b7b7b8249269e7071d8786c8866",
    "camera_returned": "759544e8966c4c7aad0ac789263a8841",
    "camera_taken_otherwise": "91ab6dcd6d5a46e3a384612e071e579a",
}

CHECKOUT_ALERTS = {
    "badges-not-read": "56a61b3251d349efbb489e59f4c09fa4",
    "camera-taken-otherwise": "f32138e0e2e94d47a083174c17e454c8",
}
