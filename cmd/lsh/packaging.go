package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// packagingCommand writes what is installed beside the binaries. It is for those
// who make packages, and not listed.
func packagingCommand(a *app) *cobra.Command {
	var program string
	cmd := &cobra.Command{
		Use:    "packaging DIR",
		Short:  "Write the manual and the completions into a directory",
		Hidden: true,
		Long: `Writes manual pages and completions as they lie below DIR, such as /usr/share. The
pages are dated by SOURCE_DATE_EPOCH, else by today.

With --service there are units for systemd too, as lsh daemon install writes them.`,
		Example: `  lsh packaging ~/.local/share
  lsh packaging debian/usr/share --service /usr/bin/lsh`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("lsh packaging needs a directory", "lsh packaging DIR")
			}
			day, err := a.buildDay()
			if err != nil {
				return err
			}
			all, err := shared(cmd.Root(), day)
			if err != nil {
				return err
			}
			if program != "" {
				unit := unitFacts{lsh: program, version: currentVersion()}
				all["systemd/user/"+serviceUnit], all["systemd/user/"+socketUnit] = systemdUnit(unit), systemdSocket(unit)
			}
			for name, text := range all {
				path := filepath.Join(args[0], name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&program, "service", "", "the units start the lsh that will be at `PATH`")
	return cmd
}

// shared are the files below /usr/share, by their names there.
func shared(root *cobra.Command, day string) (map[string]string, error) {
	all := map[string]string{}
	for name, text := range manual(root, day) {
		all["man/man"+filepath.Ext(name)[1:]+"/"+name] = text
	}
	for _, c := range [...]struct{ shell, path string }{
		{"bash", "bash-completion/completions/lsh"},
		{"zsh", "zsh/site-functions/_lsh"},
		{"fish", "fish/vendor_completions.d/lsh.fish"},
	} {
		var script bytes.Buffer
		if err := completionScript(&script, root, c.shell); err != nil {
			return nil, err
		}
		all[c.path] = script.String()
	}
	return all, nil
}

// buildDay is the day of SOURCE_DATE_EPOCH, so that two builds of one commit are
// alike.
func (a *app) buildDay() (string, error) {
	day := a.now()
	if text, _ := a.getenv("SOURCE_DATE_EPOCH"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", usage(fmt.Sprintf("SOURCE_DATE_EPOCH is no number: %q", text), "export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)")
		}
		day = time.Unix(seconds, 0).UTC()
	}
	return day.Format(time.DateOnly), nil
}
