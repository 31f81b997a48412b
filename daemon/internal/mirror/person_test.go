package mirror

import (
	"strings"
	"testing"
)

func TestRoleName(t *testing.T) {
	for user, want := range map[string]string{
		"ann":                   "lsh_ann",
		"Ann.B":                 "lsh_ann_b",
		"o'hara\"; drop":        "lsh_o_hara___drop",
		"zoë":                   "lsh_zo_",
		strings.Repeat("a", 99): "lsh_" + strings.Repeat("a", 59),
		"":                      "",
		"  ":                    "",
		"a\x00b":                "",
		"\xff":                  "",
		"writer":                "", // is the group's
		"Writer":                "",
	} {
		got, err := roleName(user)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("role of %q is %q, %v, want %q", user, got, err, want)
		}
		if err != nil && err.Hint == "" {
			t.Errorf("%v has no hint", err)
		}
	}
}

// What the predecessor's own code gives.
func TestLegacyUUID(t *testing.T) {
	for user, want := range map[string]string{
		"root":                    "003580e2-0035-4035-8003-003580e20035",
		"Ann.B":                   "03c79b55-03c7-43c7-803c-03c79b5503c7",
		"zoë":                     "0001d856-0001-4001-8000-0001d8560001",
		"😀":                       "001b0d63-001b-401b-8001-001b0d63001b", // two code units
		"polygenelubricants":      "80000000-8000-4000-8800-800000008000", // the least number, which has no positive one
		"a-long-user-name-indeed": "0af7f736-0af7-4af7-80af-0af7f7360af7",
	} {
		if got := legacyUUID(user); got != want {
			t.Errorf("UUID of %q is %s, want %s", user, got, want)
		}
	}
}

func TestLogin(t *testing.T) {
	for _, c := range []struct{ asked, admin, want string }{
		{"postgres", "postgres", "lsh_ann"},
		{"postgres.abcdefghijklmnopqrst", "postgres", "lsh_ann.abcdefghijklmnopqrst"},
		{"my.admin", "my.admin", "lsh_ann"}, // a point in a name is no project
	} {
		if got := login("lsh_ann", c.asked, c.admin); got != c.want {
			t.Errorf("with the admin's %s, the login is %s, want %s", c.asked, got, c.want)
		}
	}
}
