package journal

import (
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

// The schema's versions, in the order of their names. A file that has been
// released is never changed: what comes after is another file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, one transaction a version.
func migrate(db *sql.DB) error {
	var has int
	if err := db.QueryRow("PRAGMA user_version").Scan(&has); err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var tables int
	if has == 0 {
		if err := db.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
			return err
		}
	}
	if tables > 0 {
		return &ForeignError{What: "is a database of another program"}
	}
	if has > len(names) {
		return &NewerError{Has: has, Knows: len(names)}
	}
	for version := has + 1; version <= len(names); version++ {
		text, err := migrations.ReadFile(names[version-1])
		if err != nil {
			return err
		}
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(string(text) + fmt.Sprintf(";\nPRAGMA user_version = %d", version)); err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("bring schema to version %d: %w", version, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
