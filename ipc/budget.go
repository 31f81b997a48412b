package ipc

import "sync/atomic"

// budget counts the bytes that wait to be read by all clients together: many
// that do not read must not cost many times what one costs.
type budget struct {
	most int
	used atomic.Int64
}

// add counts n bytes more, whether or not there is room for them.
func (b *budget) add(n int) { b.used.Add(int64(n)) }

// take counts n bytes more if there is room. When nobody else waits, there
// always is.
func (b *budget) take(n int) bool {
	used := b.used.Add(int64(n))
	if used > int64(b.most) && used > int64(n) {
		b.add(-n)
		return false
	}
	return true
}
