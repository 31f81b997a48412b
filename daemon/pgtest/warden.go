package pgtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// serve is the warden: it does what each line asks until there are no more, and leaves nothing behind.
func serve(asks io.Reader, answers io.Writer) int {
	os.Chdir("/") // the directory of the tests may go
	var c cluster
	defer c.end()
	encoder := json.NewEncoder(answers)
	for lines := bufio.NewScanner(asks); lines.Scan(); {
		var a answer
		if err := c.obey(lines.Text()); err != nil {
			a.Error = err.Error()
		}
		a.Server = c.server
		if encoder.Encode(a) != nil {
			break
		}
	}
	return 0
}

func (c *cluster) obey(what string) error {
	switch what {
	case "start":
		return c.start()
	case "stop":
		return c.stop()
	case "resume":
		return c.resume()
	}
	return fmt.Errorf("do %q: the warden knows no such thing", what)
}
