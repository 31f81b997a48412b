package ipc

// JobStates are all states of a job.
func JobStates() []string {
	return []string{JobScheduled, JobManual, JobRunning, JobWaiting, JobPaused, JobDisabled, JobNotHere, JobRemoved}
}

// RunStates are all states of a run.
func RunStates() []string {
	return []string{RunQueued, RunRunning, RunSucceeded, RunFailed, RunTimedOut, RunStopped, RunLost}
}

// RunEnds are the states in which a run ends.
func RunEnds() []string {
	return []string{RunSucceeded, RunFailed, RunTimedOut, RunStopped, RunLost}
}

// Outcomes are all outcomes of a slot that has come.
func Outcomes() []string {
	return []string{OutcomeRan, OutcomeCaughtUp, OutcomeSkipped, OutcomeMissed, OutcomeCollapsed, OutcomeRefused}
}

// ReloadResults are all results of a reload.
func ReloadResults() []string {
	return []string{SourceAccepted, ReloadUnchanged, SourceHeld, SourceInvalid, SourceMissing, SourceBusy}
}

// SyncStates are all states of sync where a database is set.
func SyncStates() []string {
	return []string{SyncOK, SyncRetrying, SyncStopped, SyncReadOnly, SyncSchema}
}
