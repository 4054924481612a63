// Command setup installs what tests with package repotest run on, if it is not
// there yet: Java, npm and DynamoDB Local, and with -race the C compiler that
// "go test -race" links with. A module that requires this one runs it by
//
//	go run github.com/dynarepo/dynarepo/repotest/setup
//
// It installs programs where it may, with apt-get as root on Debian and Ubuntu;
// elsewhere it says in one line what is missing. DynamoDB Local goes into the
// user's cache directory, unchanged and under its own licence. Nothing is done
// where DYNAREPO_ENDPOINT names an engine.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/exec"
	"os/signal"

	"github.com/dynarepo/dynarepo/internal/engine"
)

func main() {
	log.SetFlags(0)
	race := flag.Bool("race", false, "install a C compiler for the race detector too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *race)
	stop()
	if err != nil {
		log.Fatal(err)
	}
	if os.Getenv(engine.EndpointVariable) == "" {
		log.Print("setup: DynamoDB Local is there, under https://aws.amazon.com/dynamodblocallicense")
	}
}

func run(ctx context.Context, race bool) error {
	checks := []check{prepare}
	if race {
		checks = append(checks, compiler)
	}
	i := &installer{logf: log.Printf, aptGet: aptGet}
	for _, c := range checks {
		if err := i.satisfy(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func prepare(ctx context.Context) error { return engine.Prepare(ctx) }

// compiler returns an [*engine.MissingError] unless there is a C compiler.
func compiler(context.Context) error {
	_, err := exec.LookPath("cc")
	if err == nil {
		return nil
	}
	return &engine.MissingError{Program: "a C compiler", Packages: []string{"build-essential"}, Err: err}
}
