-- What was checked out in the git work tree of the jobs file.
ALTER TABLE generations ADD COLUMN git_commit TEXT;
