"""What may be said of a configuration? Numbers and choices, and whether something is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore, S3Store, Store
from bwvdock.core.holdings.rules import Reverify
from bwvdock.support.allowed import Pseudonyms, one_of

_SCHEMES = frozenset({"http", "https"})


def configuration(config: Config, names: Pseudonyms) -> dict[str, Any]:
    """Return what support may know of a configuration."""
    upload, custody = config.upload, config.custody
    return {
        "dock": {
            "state_dir": _place(str(config.state_dir)),
            "run_dir": _place(str(config.run_dir)),
            "site_given": bool(config.site),
            "time_zone": one_of(available_timezones())(config.time_zone),
            "log_level": config.log_level,
        },
        "admission": str(config.admission),
        "sources": len(config.sources),
        "destinations": [_store(config, store, names) for store in config.destinations],
        "upload": {
            "parallel": upload.parallel,
            "limit": upload.limit,
            "windows": [
                {"from": f"{w.start:%H:%M}", "to": f"{w.end:%H:%M}", "limit": w.limit} for w in upload.windows
            ],
        },
        "release": {
            "erase": config.erase,
            "reread": config.reread,
            "single_disk": config.single_disk,
            "erase_needs_witness": config.erase_needs_witness,
        },
        "spool": {"min_free": config.min_free},
        "privacy": {"reason_required": config.reason_required},
        "absence": {"days": config.absence_days},
        "custody": {
            "origin_is_default": custody.origin == f"bwvdock/{config.dock}",
            "policy_given": custody.policy is not None,
            "signing_key_file_given": bool(custody.signing_key_file),
            "timestamp_url": _url(custody.timestamp_url),
        },
        "metrics": {
            "textfile_given": config.metrics.textfile is not None,
            "listen_given": config.metrics.listen is not None,
            "interval_seconds": config.metrics.interval_seconds,
        },
        **_of_footage(config),
        "feeds": [
            {"url": _url(feed.url), "kinds": len(feed.kinds), "batch": feed.batch} for feed in config.feeds
        ],
        "backup": {
            "expected_every_hours": config.backup_every.total_seconds() / 3600
            if config.backup_every
            else None
        },
    }


def _of_footage(config: Config) -> dict[str, Any]:
    """Return what says how long footage is kept and what is done about it; no class is named."""
    retention, events = config.retention, config.events
    return {
        "retention": {
            "non_evidential_days": config.non_evidential_days,
            "notice_days": retention.notice_days,
            "grace_days": retention.grace_days,
            "unreviewed_days": retention.unreviewed_days,
            "classes": len(retention.classes),
        },
        "reverify": _reverify(config.reverify),
        "events": {
            "before_s": events.before_s,
            "after_s": events.after_s,
            "longest_s": events.longest_s,
        },
        "requests": {"bank_holidays": len(config.requests.bank_holidays)},
    }


def _reverify(rules: Reverify | None) -> dict[str, Any] | None:
    """Return how often stores are asked again, None where they are not."""
    if rules is None:
        return None
    return {
        "first_hours": rules.first.total_seconds() / 3600,
        "every_days": rules.every.total_seconds() / 86400,
        "wait_days": rules.wait.total_seconds() / 86400,
        "bytes_per_night": rules.pace.bytes,
        "clips_per_night": rules.pace.clips,
    }


def _place(path: str) -> str:
    """Return a path that the package makes; of any other no more than that it is another one."""
    known = {"/var/lib/bwvdock", "/run/bwvdock", "/var/lib/bwvdock/vault"}
    return path if path in known else "another place"


def _url(url: str) -> dict[str, Any] | None:
    """Return of a URL how it is reached: no host, no path, no user."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        return {"scheme": one_of(_SCHEMES)(parts.scheme), "port": parts.port}
    except ValueError:
        return {}


def _store(config: Config, store: Store, names: Pseudonyms) -> dict[str, Any]:
    told = {"name": names.of("store")(store.name), "kind": store.kind, "required": store.required}
    if isinstance(store, DirectoryStore):
        place = {"in_state_dir": config.keeps(store), "path": _place(str(store.path))}
        return told | place | {"must_be_mount": store.must_be_mount}
    told |= {"ca_file_given": bool(store.tls.ca_file), "client_cert_given": bool(store.tls.client_cert)}
    if isinstance(store, S3Store):
        own = {"endpoint": _url(store.endpoint), "prefix_given": bool(store.prefix)}
        return told | own | {"object_lock": store.object_lock, "region_given": bool(store.region)}
    return told | {
        "url": _url(store.url),
        "headers": len(store.headers) + len(store.header_files),
        "bearer_token_given": bool(store.bearer_token_file),
    }
