-- Version 5: finding, among a million, the few clips that came while nobody knew the time.
CREATE INDEX clip_undated ON clip (id) WHERE retain_until = '' AND evidential = 0 AND acquired_at IS NOT NULL;
