package journal

import (
	"context"
	"database/sql"
	"sync"
)

// statementsKept bounds how many statements are kept compiled. Most texts are of the program; those of a filter vary.
const statementsKept = 64

// reader reads, and compiles a statement once: of a short one that is half its price.
type reader struct {
	db    *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newReader(db *sql.DB) *reader { return &reader{db: db, stmts: map[string]*sql.Stmt{}} }

// stmt is a query, compiled; nil where it is not kept.
func (r *reader) stmt(query string) *sql.Stmt {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.stmts[query]; s != nil {
		return s
	}
	if len(r.stmts) >= statementsKept {
		return nil
	}
	s, err := r.db.PrepareContext(context.Background(), query)
	if err != nil {
		return nil // the query tells
	}
	r.stmts[query] = s
	return s
}

// Query is that of [sql.DB].
func (r *reader) Query(query string, args ...any) (*sql.Rows, error) {
	if s := r.stmt(query); s != nil {
		return s.Query(args...)
	}
	return r.db.Query(query, args...)
}

// QueryRow is that of [sql.DB].
func (r *reader) QueryRow(query string, args ...any) *sql.Row {
	if s := r.stmt(query); s != nil {
		return s.QueryRow(args...)
	}
	return r.db.QueryRow(query, args...)
}

// still reads in one transaction.
type still struct {
	*reader
	tx *sql.Tx
}

// Query is that of [sql.Tx].
func (r still) Query(query string, args ...any) (*sql.Rows, error) {
	if s := r.stmt(query); s != nil {
		return r.tx.Stmt(s).Query(args...)
	}
	return r.tx.Query(query, args...)
}

// QueryRow is that of [sql.Tx].
func (r still) QueryRow(query string, args ...any) *sql.Row {
	if s := r.stmt(query); s != nil {
		return r.tx.Stmt(s).QueryRow(args...)
	}
	return r.tx.QueryRow(query, args...)
}
