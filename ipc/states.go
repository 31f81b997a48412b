package ipc

// JobStates are all states of a job.
func JobStates() []string {
	return []string{JobScheduled, JobManual, JobRunning, JobWaiting, JobPaused, JobDisabled, JobNotHere, JobRemoved}
}

// RunStates are all states of a run.
func RunStates() []string {
	return []string{RunQueued, RunRunning, RunSucceeded, RunFailed, RunTimedOut, RunStopped, RunLost}
}
