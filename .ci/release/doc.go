// Package release holds the tests of what `make release` makes: that each file
// can be unpacked or installed on a machine that has nothing of lsh, answers with
// the version that was asked for, and goes without a trace.
//
// `go test ./...` passes over it, for its name; `make test` does not.
package release
