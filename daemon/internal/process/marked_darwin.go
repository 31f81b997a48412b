package process

// FindMarked finds nothing here: the environment of another process is not to be read.
func FindMarked([]string) map[string]Proc { return map[string]Proc{} }
