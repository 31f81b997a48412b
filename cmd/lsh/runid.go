package main

// shortID is how many characters of a run's id people see: the end, where ids
// of the same second differ.
const shortID = 8

// shortRun is a run's id as people see it and may type it.
func shortRun(id string) string {
	if len(id) <= shortID+4 {
		return id
	}
	return id[len(id)-shortID:]
}
