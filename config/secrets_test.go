package config_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// Whatever is wrong at or near a value of env or stdin, nothing that is said of it
// holds the value.
func TestNothingTellsSecrets(t *testing.T) {
	for _, job := range []string{
		"env: {PW: @swordfish}",
		"env:\n      PW: @swordfish",
		"env:\n      PW: *swordfish",
		"env:\n      A: b\n      # why\n      PW: %swordfish",
		"env:\n      PW: !swordfish x",
		"env:\n      PW: !x swordfish",
		"env: {PW: {swordfish: swordfish}}",
		"env:\n      PW:\n        - swordfish\n        -   swordfish",
		"env:\n      PW:\n        x: @swordfish",
		"env: {PW: [swordfish]}",
		"env: {PW: [swordfish, \"swordfish\n        swordfish\"], B: }",
		"env: [PW=swordfish]",
		"env: [\"PW=swordfish",
		"env:\n      - PW=swordfish",
		"env:\n      - PW: swordfish",
		"env:\n    - PW: @swordfish",
		"env:\n      - PW=swordfish: @x",
		"env: PW=swordfish",
		"env:\n      PW=swordfish",
		"env:\n      PW=swordfish\n      B=swordfish",
		"env: {PW=swordfish}",
		"env: {PW=swordfish: x, PW=swordfish: y}",
		"env:\n      A: b\n      PW:swordfish",
		"env:\n      A: b\n      PW=swordfish",
		"env: {? [swordfish] : x}",
		"env: {<<: swordfish}",
		"env: {<<: [swordfish, {PW: [swordfish]}]}",
		"env: !swordfish {}",
		"env: {A: x, A: swordfish}",
		"env: {PW: \"swordfish}",
		"env:\n      PW: \"swordfish\n      B: \"@swordfish\"",
		"env:\n      PW: 'swordfish' swordfish",
		"env:\n      PW: swordfish: swordfish",
		"env:\n      PW: \"swordfish\\0\"",
		"env: &e {PW: [swordfish]}\n  b: {command: x, env: *e}",
		"env: {PW: &p swordfish}\n  b: {command: x, stdin: *p, env: [*p]}",
		"env: {PW: &p [swordfish]}\n  b: {command: x, timeout: *p}",
		"envv: {PW: swordfish}",
		"environment: {PW: swordfish}",
		"environment:\n      PW: @swordfish",
		"vars: [PW=swordfish]",
		"stdni: swordfish",
		"stdin: [swordfish]",
		"stdin: {swordfish: swordfish}",
		"stdin: !swordfish x",
		"stdin: @swordfish",
		"stdin: *swordfish",
		"stdin: |\n      swordfish\n     \tswordfish\n    swordfish",
		"input: |\n      a\n\n      swordfish\n    x: [",
		"stdin: \"swordfish\n      \x01swordfish\"",
		"stdin: \"swordfish\xff\"",
	} {
		text := "version: 1\njobs:\n  a:\n    command: x\n    " + job + "\n    timeout: soon\n"
		if strings.Contains(job, "\n  b:") {
			text = "version: 1\njobs:\n  a:\n    command: x\n    " + job + "\n"
		}
		_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": text}))
		problems, ok := errors.AsType[config.Problems](err)
		if !ok {
			t.Errorf("%s\nis accepted: %v", text, err)
			continue
		}
		said, err := json.Marshal(problems)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(said), "swordfish") {
			var shown strings.Builder
			for _, p := range problems {
				shown.WriteString(config.Render(p, false))
			}
			t.Errorf("%s\nis refused with its secret:\n%s%s", text, shown.String(), said)
		}
	}
}

// A number that should have been a text is told by its kind alone.
func TestNumbersAreSecretToo(t *testing.T) {
	_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": "version: 1\njobs:\n  a: {command: x, stdin: 777333}\n"}))
	problems, _ := errors.AsType[config.Problems](err)
	if said, _ := json.Marshal(problems); len(problems) != 1 || strings.Contains(string(said), "777333") {
		t.Errorf("problems are %s", said)
	}
}

// A text is shown with its lines and columns as they are, and can be read again.
func TestSecretsAreHiddenFromATextThatIsShown(t *testing.T) {
	text := "# our jobs\r\njobs:\n  a:\n    command: x\n    env: {TOKEN: swordfish, OTHER: &o \"sword fish\"}\n" +
		"    stdin: |\n      swordfish\n\n      swordfish\n    timeout: 1h\n  b: {command: [y, \"TOKEN\"], env: {T: *o}, stdin: swordfish}"
	want := "# our jobs\r\njobs:\n  a:\n    command: x\n    env: {TOKEN: ·········, OTHER: ·· \"····· ····\"}\n" +
		"    stdin: ·\n      ·········\n\n      ·········\n    timeout: 1h\n  b: {command: [y, \"TOKEN\"], env: {T: ··}, stdin: ·········}"
	if got, hid := config.HideSecrets(text); got != want || !hid {
		t.Errorf("%v\n%s\nwant\n%s", hid, got, want)
	}
	plain := "version: 1\njobs: {a: {command: x}}\n"
	if got, hid := config.HideSecrets(plain); got != plain || hid {
		t.Errorf("%v\n%s", hid, got)
	}
}

// What is no secret stays readable: the names of variables, jobs that are called nearly
// as a secret key, and what stands around.
func TestTheRestIsShown(t *testing.T) {
	_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": "version: 1\njobs:\n  envs: {command: x, timeout: soon, env: {NAME: [y]}, dir: 7}\n"}))
	problems, _ := errors.AsType[config.Problems](err)
	want := "  envs: {command: x, timeout: soon, env: {NAME: [·]}, dir: 7}"
	if len(problems) != 3 || problems[0].Excerpt != want {
		t.Errorf("problems are %+v", problems)
	}
}
