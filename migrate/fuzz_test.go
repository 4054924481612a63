package migrate_test

import (
	"context"
	"go/build"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

// FuzzNames: an ID is a time of 14 digits and a name a word, or the set is refused;
// what is taken is a file's name that no other migration has.
func FuzzNames(f *testing.F) {
	for _, id := range []string{"20261122093000", "2026112209300", "20261322093000", "20260230000000", "00000000000000", "20261122093000.5", "２０２６１１２２０９３０００"} {
		for _, name := range []string{"create_users", "", "a", "A", "1a", "a-b", "a/b", "../a", "a\n", "a_test", "on_linux", "linux", "test", "a_windows_arm64", "größe", "a.go"} {
			f.Add(id, name)
		}
	}
	digits := regexp.MustCompile(`^[0-9]{14}$`)
	up := func(context.Context, *migrate.Context) error { return nil }
	f.Fuzz(func(t *testing.T, id, name string) {
		err := migrate.NewSet(migrate.Migration{ID: id, Name: name, Up: up}).Validate()
		if err != nil {
			require.ErrorIs(t, err, repo.ErrInvalid)
			return
		}
		require.True(t, digits.MatchString(id))
		at, err := time.Parse("20060102150405", id)
		require.NoError(t, err)
		require.ErrorIs(t, migrate.NewSet(migrate.Migration{ID: id, Name: name, Up: up}, migrate.Migration{ID: id, Name: name, Up: up}).Validate(), repo.ErrInvalid)
		if len(name) > 200 { // of a file
			return
		}
		dir := t.TempDir()
		path, err := migrate.Scaffold(dir, name, at)
		if err != nil { // Go would leave the file out
			require.ErrorIs(t, err, repo.ErrInvalid)
			return
		}
		everywhere, err := (&build.Context{GOOS: "every", GOARCH: "every", Compiler: "gc"}).MatchFile(dir, filepath.Base(path))
		require.NoError(t, err)
		assert.True(t, everywhere && !strings.HasSuffix(path, "_test.go"), "it is part of the program")
		assert.Equal(t, dir, filepath.Dir(path))
		_, err = migrate.Scaffold(dir, name, at.Add(time.Second))
		require.ErrorIs(t, err, repo.ErrInvalid)
	})
}
