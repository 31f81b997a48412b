package ipc

// SyncInitParams are what lsh hands on to lshd for lsh sync init. It is no method of the daemon, which never has an admin's rights.
type SyncInitParams struct {
	AdminURL    string `json:"admin_url,omitempty"`
	CACert      string `json:"ca_cert,omitempty"` // absolute path
	User        string `json:"user,omitempty"`    // the account's name when it is ""
	NewPassword bool   `json:"new_password,omitempty"`
	ShellJobs   bool   `json:"shell_jobs,omitempty"`
	Write       string `json:"write,omitempty"` // absolute path of a directory: the files of the schema go there, and nothing else is done
}

// SyncInit is what lsh sync init has made, or found.
type SyncInit struct {
	Role          string   `json:"role"`
	URL           string   `json:"url"` // for database.url
	SchemaVersion int64    `json:"schema_version"`
	User          string   `json:"user"`
	Server        string   `json:"server"`               // host and port
	Applied       []string `json:"applied,omitempty"`    // migrations that were not there
	Mended        bool     `json:"mended,omitempty"`     // rights that the migrations give were missing
	Created       bool     `json:"created"`              // the role was not there
	Password      bool     `json:"password"`             // one was made: it is in url, and can be had from nowhere else
	ShellJobs     bool     `json:"shell_jobs,omitempty"` // public.shell_jobs is fed
}

// SyncFiles are the files of the schema after lsh sync init --write.
type SyncFiles struct {
	Written []string `json:"written"`
	Same    []string `json:"same,omitempty"` // that were there, with the same content
}
