package engine

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// unpack makes the directory dir and writes the regular files of a gzipped
// tarball into it. A path that leads out of dir, and an entry of any other kind
// but a directory, is an error.
func unpack(tarball, dir string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	// A root refuses every path that escapes it, by dots or by links.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for tr := tar.NewReader(zr); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(root, header, tr); err != nil {
			return err
		}
	}
}

func unpackEntry(root *os.Root, header *tar.Header, body io.Reader) (err error) {
	switch header.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(header.Name, 0o755)
	case tar.TypeReg:
	default:
		return fmt.Errorf("entry of type %q in the package", header.Typeflag)
	}
	if err := root.MkdirAll(path.Dir(header.Name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(header.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, body)
	return err
}
