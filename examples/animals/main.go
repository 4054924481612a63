// Command animals keeps cats, dogs and puppies in one table, and shows that
// each comes back as what it is. It exits with 0 only if all goes as it says.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/repo"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, os.Stdout)
	stop()
	if err != nil {
		log.Fatal("animals: ", err)
	}
}

// start runs the example on an engine of its own, or on that of
// DYNAREPO_ENDPOINT.
func start(ctx context.Context, out io.Writer) (err error) {
	e, err := engine.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	db, err := repo.Open(ctx, &repo.Config{
		Namespace: "demo",
		Endpoint:  e.Endpoint(),
		Options: []func(*dynamodb.Options){func(o *dynamodb.Options) {
			// The engine's errors come without a checksum, of which the SDK would warn.
			o.DisableValidateResponseChecksum = true
		}},
	})
	if err != nil {
		return err
	}
	return run(ctx, out, db)
}
