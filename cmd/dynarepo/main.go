// Dynarepo writes and checks code that uses the library.
//
//	dynarepo init TABLE        write the model of a table that exists
//	dynarepo attrs -type T     write the typed attributes of a struct
//	dynarepo vet [PACKAGE...]  find what the compiler lets pass
//
// A module gets it as a tool:
//
//	go get -tool github.com/dynarepo/dynarepo/cmd/dynarepo
//	go tool dynarepo init -dir ./store my_table
//
// # Init
//
// Init describes the table, reads a sample of its items within a bound of read
// capacity, and writes two files: a struct with a Spec, and the typed attributes
// of the struct. Where items disagree a comment says so, and the field is one that
// loses nothing. It overwrites no file unless told to. It needs the rights
// dynamodb:DescribeTable, DescribeTimeToLive and Scan, and writes nothing to
// the table. The two files are yours from then on.
//
// # Attrs
//
// Attrs writes the attributes of structs of the package in a directory, a file
// each. It is what a go:generate line runs. With -check it writes nothing, and
// fails if a file is not what it would write.
//
// # Vet
//
// Vet runs go vet with the analyzer dynarepo and takes its arguments. It reports
//
//   - a range over items and errors that leaves the errors out,
//   - a query, condition, change or other value that is built and thrown away,
//   - an attribute in cond.Name that the struct does not have.
//
// The program is a vettool too: go vet -vettool=$(go tool -n dynarepo) ./...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/attrs"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/vet"
)

const usage = `usage:
	dynarepo init [flags] TABLE   write the model of a table that exists
	dynarepo attrs [flags] [DIR]  write the typed attributes of structs
	dynarepo vet [PACKAGE...]     find what the compiler lets pass
"dynarepo COMMAND -h" lists flags.
`

// errUsage says that the command line was wrong, which has been told.
var errUsage = errors.New("usage")

func main() {
	if isVettool(os.Args[1:]) {
		unitchecker.Main(vet.Analyzer)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	var status *exec.ExitError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.As(err, &status):
		os.Exit(status.ExitCode()) // go vet has told
	default:
		fmt.Fprintln(os.Stderr, "dynarepo:", err)
		os.Exit(1)
	}
}

// isVettool tells whether go vet calls: for the version, the flags, or a package.
func isVettool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return strings.HasPrefix(args[0], "-V=") || args[0] == "-flags" || strings.HasSuffix(args[len(args)-1], ".cfg")
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return errUsage
	}
	switch args[0] {
	case "init":
		return runInit(ctx, args[1:], stdout, stderr)
	case "attrs":
		return runAttrs(ctx, args[1:], stdout, stderr)
	case "vet":
		return runVet(ctx, args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return nil
	}
	fmt.Fprintf(stderr, "dynarepo: no command %q\n%s", args[0], usage)
	return errUsage
}

// parse returns what is behind the flags: most arguments at most.
func parse(f *flag.FlagSet, args []string, stderr io.Writer, least, most int) ([]string, error) {
	f.SetOutput(stderr)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, errUsage
	}
	if f.NArg() < least || f.NArg() > most {
		f.Usage()
		return nil, errUsage
	}
	return f.Args(), nil
}

func runAttrs(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("dynarepo attrs [DIR]", flag.ContinueOnError)
	typs := f.String("type", "", "names of structs, with commas between (required)")
	check := f.Bool("check", false, "write nothing; fail if a file is stale")
	rest, err := parse(f, args, stderr, 0, 1)
	if err != nil {
		return err
	}
	if *typs == "" {
		fmt.Fprintln(stderr, "dynarepo attrs: which -type?")
		return errUsage
	}
	dir := "."
	if len(rest) == 1 {
		dir = rest[0]
	}
	files, err := attrs.Write(ctx, dir, strings.Split(*typs, ","), *check)
	if err != nil || *check {
		return err
	}
	for _, file := range files {
		fmt.Fprintln(stdout, file)
	}
	return nil
}

// runVet has go vet run this program for each package.
func runVet(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"./..."}
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"vet", "-vettool=" + self}, args...)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd.Run()
}
