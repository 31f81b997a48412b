package main

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/lsh-project/lsh/config"
)

// checkHome looks at the directory below which everything lies that is not set otherwise.
func checkHome(_ context.Context, s *subject, r *diagnosis) {
	account := ""
	if u, err := user.LookupId(strconv.Itoa(s.uid)); err == nil {
		account = u.HomeDir
	}
	home, _ := s.getenv("HOME")
	hint := "export HOME=" + s.arg(account)
	if account == "" || account == home {
		hint = "export HOME=DIRECTORY  with a directory of your own"
	}
	switch info, err := os.Stat(home); {
	case home == "" && account == "":
		r.wrong(hint, "HOME is not set, and the system knows no home directory of user %d", s.uid)
	case home == "":
		r.warn(hint, "HOME is not set: lsh takes %s, and other programs may not", account)
	case !filepath.IsAbs(home):
		r.wrong(hint, "HOME is no absolute path: %s", home)
	case err != nil:
		r.wrong(hint, "HOME is %s, which cannot be used: %s", home, bareError(err))
	case !info.IsDir():
		r.wrong(hint, "HOME is %s, which is no directory", home)
	case ownerOf(info) != s.uid:
		r.warn(hint, "HOME is %s, which belongs to %s (left by su or sudo?)", home, config.UserName(ownerOf(info)))
	case unix.Access(home, unix.X_OK) != nil:
		r.wrong("chmod u+rwx "+s.arg(home), "HOME is %s, which cannot be entered (mode %04o)", home, info.Mode().Perm())
	default:
		r.ok("%s", home)
	}
}
