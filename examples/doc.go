// Package examples holds complete jobs files to start from. Its tests load every
// one, on every machine that it speaks of.
package examples
