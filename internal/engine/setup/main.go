// Command setup installs what the tests and examples run on, if it is not there
// yet: Java, npm and DynamoDB Local, and with -race the C compiler that
// "go test -race" links with. It installs programs where it may, with apt-get
// as root on Debian and Ubuntu; elsewhere it says in one line what is missing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"github.com/dynarepo/dynarepo/internal/engine"
)

func main() {
	race := flag.Bool("race", false, "install a C compiler for the race detector too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	checks := []check{func(ctx context.Context) error { return engine.Prepare(ctx) }}
	if *race {
		checks = append(checks, compiler)
	}
	i := &installer{out: os.Stderr, aptGet: aptGet}
	for _, c := range checks {
		if err := i.satisfy(ctx, c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// compiler returns an [*engine.MissingError] unless there is a C compiler.
func compiler(context.Context) error {
	_, err := exec.LookPath("cc")
	if err == nil {
		return nil
	}
	return &engine.MissingError{Program: "a C compiler", Packages: []string{"build-essential"}, Err: err}
}
