package migrate_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestScaffold: what is written is a package with the migrations, as it stands.
func TestScaffold(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my-migrations")
	for i, want := range []string{"20261122120000_create_users.go", "20261122120001_add_user_idx.go"} {
		path, err := migrate.Scaffold(dir, []string{"create_users", "add_user_idx"}[i], noon)
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(dir, want), path)
	}
	main := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(main, []byte(`package main

import (
	"fmt"

	"github.com/dynarepo/dynarepo/migrate/scaffolded"
)

func main() {
	fmt.Println(mymigrations.All.Validate())
	for _, m := range mymigrations.All.All() {
		fmt.Println(m.ID, m.Name, m.Up(nil, nil), m.Down(nil, nil))
	}
}
`), 0o644))

	// The toolchain is told that the files lie in this module.
	here, err := os.Getwd()
	require.NoError(t, err)
	overlay := map[string]string{filepath.Join(here, "scaffolded", "main", "main.go"): main}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3)
	for _, e := range entries {
		overlay[filepath.Join(here, "scaffolded", e.Name())] = filepath.Join(dir, e.Name())
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(file, text, 0o644))
	out, err := exec.CommandContext(t.Context(), "go", "run", "-overlay", file, "./scaffolded/main").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "<nil>\n20261122120000 create_users <nil> <nil>\n20261122120001 add_user_idx <nil> <nil>\n", string(out))
}

// TestScaffoldJoins: the package that is there gives its name, and what is there
// stays.
func TestScaffoldJoins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all.go"), []byte("package changes\n"), 0o644))
	path, err := migrate.Scaffold(dir, "add_it", noon)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "package changes\n")
	assert.NoFileExists(t, filepath.Join(dir, "migrations.go"))

	_, err = migrate.Scaffold(dir, "add_it", noon)
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = migrate.Scaffold(dir, "no/name", noon)
	require.ErrorIs(t, err, repo.ErrInvalid)

	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "all.go"), []byte("no Go"), 0o644))
	_, err = migrate.Scaffold(broken, "add_more", noon)
	require.Error(t, err)
	_, err = migrate.Scaffold(filepath.Join(dir, "all.go"), "add_more", noon)
	require.Error(t, err, "a file and no directory")

	odd := filepath.Join(t.TempDir(), "2026")
	path, err = migrate.Scaffold(odd, "add_it", noon)
	require.NoError(t, err)
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "package migrations\n")
}
