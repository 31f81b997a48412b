package journal

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"github.com/google/uuid"
)

// runKey is a run's id as it is stored.
func runKey(id string) []byte {
	if id == "" {
		return nil
	}
	u, err := uuid.Parse(id)
	if err != nil {
		return []byte(id) // not one of ours, but kept as it is
	}
	return u[:]
}

func runID(key []byte) string {
	if len(key) != len(uuid.UUID{}) {
		return string(key)
	}
	return uuid.UUID(key).String()
}

// at is an instant as it is stored; the zero time is NULL.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64)
}

func span(d *time.Duration) any {
	if d == nil {
		return nil
	}
	return int64(*d)
}

func duration(n sql.NullInt64) *time.Duration {
	if !n.Valid {
		return nil
	}
	return new(time.Duration(n.Int64))
}

// orNull stores what is empty as NULL, which takes no room.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// hash is a hash in half the room of its hex.
func hash(s string) any {
	if s == "" {
		return nil
	}
	if b, err := hex.DecodeString(s); err == nil {
		return b
	}
	return s
}

func unhash(v any) string {
	switch v := v.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case string:
		return v
	}
	return ""
}

func pids(p []int) any {
	if len(p) == 0 {
		return nil
	}
	text, _ := json.Marshal(p)
	return string(text)
}

func unpids(text sql.NullString) []int {
	var p []int
	if text.Valid {
		_ = json.Unmarshal([]byte(text.String), &p)
	}
	return p
}

// packed is a text, compressed.
func packed(text string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = w.Write([]byte(text)) // to memory
	_ = w.Close()
	return b.Bytes()
}

func unpacked(b []byte) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
