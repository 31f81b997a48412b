package main

import _ "embed"

// starter is the jobs file that lsh init writes.
//
//go:embed starter.yaml
var starter string
