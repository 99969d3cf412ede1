-- Version 6: why a destination does not take the custody document of a copy that it holds; '' where it does.
ALTER TABLE receipt ADD COLUMN document_refused TEXT NOT NULL DEFAULT '';
CREATE INDEX receipt_undescribed ON receipt (destination, clip) WHERE document_refused <> '';
