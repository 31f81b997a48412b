package journal

import (
	"encoding/hex"
	"slices"
	"strings"
)

// Ending are the runs whose ids end in a text of four characters at least: people
// name a run by the end of its id.
func (j *Journal) Ending(text string) ([]Run, error) {
	const least = 4 // as the index has it
	memory := j.inMemory(func(r Run) bool { return strings.HasSuffix(r.ID, text) })
	if len(text) < least {
		return nil, nil
	}
	tail, err := hex.DecodeString(text[len(text)-least:])
	if err != nil {
		return nil, nil
	}
	runs, err := j.runs("WHERE substr(r.id, 15) = ?", tail)
	runs = slices.DeleteFunc(runs, func(r Run) bool {
		_, newer := memory[r.ID]
		return newer || !strings.HasSuffix(r.ID, text)
	})
	for _, r := range memory {
		runs = append(runs, r)
	}
	return runs, err
}
