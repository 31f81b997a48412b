package ipc

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
)

func credentialsOf(fd int) (credentials, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return credentials{uid: -1}, err
	}
	return credentials{uid: int(c.Uid), pid: int(c.Pid)}, nil
}

// commandOf is the command line of a process, for people to read.
func commandOf(pid int) string {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	defer f.Close()
	const most = 200
	raw, err := io.ReadAll(io.LimitReader(f, most*4)) // 4: the longest rune
	if err != nil {
		return ""
	}
	text := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // the zero bytes between arguments too
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.TrimRight(string(raw), "\x00"), "?")))
	return string(text[:min(len(text), most)])
}
