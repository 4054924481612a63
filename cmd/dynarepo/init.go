package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/attrs"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/scaffold"
	"github.com/dynarepo/dynarepo/repo"
)

func runInit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("dynarepo init TABLE", flag.ContinueOnError)
	var cfg repo.Config
	f.StringVar(&cfg.Endpoint, "endpoint", "", "URL of the service, such as http://127.0.0.1:8000; default: that of the region")
	f.StringVar(&cfg.Region, "region", "", "region; default: from the environment")
	f.StringVar(&cfg.Namespace, "namespace", "", "what stands before the table's name in the service, with _ between")
	dir := f.String("dir", ".", "where the files go")
	pkg := f.String("package", "", "package of the files; default: the name of the directory")
	typ := f.String("type", "", "name of the struct; default: made of the table's name")
	items := f.Int("items", 200, "how many items the sample has at most")
	units := f.Float64("units", 25, "read capacity units after which no more is read")
	force := f.Bool("force", false, "overwrite files")
	rest, err := parse(f, args, stderr, 1, 1)
	if err != nil {
		return err
	}
	if *items < 0 || *units < 0 {
		return errors.New("-items and -units are 0 or more")
	}
	if *typ != "" && !token.IsIdentifier(*typ) {
		return fmt.Errorf("-type %q is no name of a Go type", *typ)
	}
	if *pkg, err = packageName(*dir, *pkg); err != nil {
		return err
	}
	db, err := repo.Open(ctx, &cfg)
	if err != nil {
		return err
	}
	client, ok := db.Client().(scaffold.Client)
	if !ok {
		return errors.New("the client describes no tables")
	}
	t, err := scaffold.Look(ctx, client, db.TableName(rest[0]), scaffold.Sample{Items: *items, Units: *units})
	if err != nil {
		return err
	}
	files, err := scaffold.Write(t, scaffold.Names{Package: *pkg, Type: *typ, Table: rest[0]})
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "looked at %d items with %g read units\n", len(t.Items), t.Units)
	return save(stdout, *dir, *force, map[string][]byte{
		strings.ToLower(files.Type) + ".go": files.Model,
		attrs.FileName(files.Type):          files.Attrs,
	}, strings.ToLower(files.Type)+".go", attrs.FileName(files.Type))
}

func packageName(dir, name string) (string, error) {
	if name == "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		name = strings.ToLower(filepath.Base(abs))
	}
	if !token.IsIdentifier(name) {
		return "", fmt.Errorf("%q is no name of a Go package: set -package", name)
	}
	return name, nil
}

// save writes all of the files or, if one is there and force is not set, none.
func save(stdout io.Writer, dir string, force bool, files map[string][]byte, order ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range order {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil && !force {
			return fmt.Errorf("%s is there: -force overwrites it", filepath.Join(dir, name))
		}
	}
	for _, name := range order {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintln(stdout, path)
	}
	return nil
}
