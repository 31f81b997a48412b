package ipc

// ExportParams choose what is written.
type ExportParams struct {
	Jobs       []string `json:"jobs,omitempty"`        // only these; all when absent
	AdHoc      bool     `json:"ad_hoc,omitempty"`      // only ad-hoc jobs
	ShowValues bool     `json:"show_values,omitempty"` // of env and stdin
}

// Export is a jobs file.
type Export struct {
	Text       string   `json:"text"`
	Jobs       []string `json:"jobs"` // that are in it
	Generation int      `json:"generation"`
	Hidden     bool     `json:"hidden,omitempty"` // dots stand for values of env or stdin: it is good for reading only
}
