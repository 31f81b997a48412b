-- A replica looks for the renames that it has yet to follow, among all changes.
CREATE INDEX changes_renames ON changes (seq) WHERE kind = 'rename';
