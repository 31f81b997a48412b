package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
)

// SyncInitAnswer is what was set up in a database, or written of its schema, or why it was not.
type SyncInitAnswer struct {
	Made  *ipc.SyncInit  `json:"made,omitempty"`
	Files *ipc.SyncFiles `json:"files,omitempty"`
	Error *ipc.SyncError `json:"error,omitempty"`
}

// SyncInit does what the [ipc.SyncInitParams] say that from has as JSON: an admin's URL is for nobody to see, and arguments are.
func SyncInit(ctx context.Context, from io.Reader) SyncInitAnswer {
	var p ipc.SyncInitParams
	if err := json.NewDecoder(from).Decode(&p); err != nil {
		return refusedInit(errors.New("read what to set up: it is no JSON")) // the decoder's words may quote it
	}
	if p.Write != "" {
		written, same, err := mirror.WriteMigrations(p.Write)
		if err != nil {
			return refusedInit(err)
		}
		return SyncInitAnswer{Files: &ipc.SyncFiles{Written: append([]string{}, written...), Same: same}}
	}
	if p.User == "" {
		p.User = config.UserName(os.Geteuid())
	}
	r, err := mirror.Init(ctx, mirror.InitOptions{
		AdminURL: p.AdminURL, CACert: p.CACert, User: p.User, NewPassword: p.NewPassword, ShellJobs: p.ShellJobs,
	})
	if err != nil {
		return refusedInit(err)
	}
	return SyncInitAnswer{Made: &ipc.SyncInit{
		Role: r.Role, URL: r.URL, SchemaVersion: r.SchemaVersion, User: r.User, Server: r.Server, Applied: r.Applied, Mended: r.Mended,
		Created: r.Created, Password: r.Password, ShellJobs: r.ShellJobs,
	}}
}

func refusedInit(err error) SyncInitAnswer {
	e, is := errors.AsType[*mirror.Error](err)
	if !is {
		e = &mirror.Error{Code: "failed", Message: err.Error()}
	}
	return SyncInitAnswer{Error: &ipc.SyncError{Code: e.Code, Message: e.Message, Hint: e.Hint}}
}
