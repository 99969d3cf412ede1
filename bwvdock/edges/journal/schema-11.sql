-- Version 11: what footage means. Events from dispatch, classes, standing holds, later proofs, disclosures. No entry that
-- was written before this version names one.

-- ---------------------------------------------------------------- proven again

-- ---------------------------------------------------------------- classes and notices

-- ---------------------------------------------------------------- holds by query, requests

-- ---------------------------------------------------------------- events

-- ---------------------------------------------------------------- disclosures, feeds

-- ---------------------------------------------------------------- what cameras say of their files

