package stream_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
)

// A Stream hands out what changed, and a checkpoint where the next run goes on.
func ExampleStream_Changes() {
	ctx := context.Background()
	e, err := engine.Start(ctx)
	if err != nil {
		log.Panic(err)
	}
	defer e.Close()
	type user struct {
		ID   string `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	db, err := repo.Open(ctx, &repo.Config{Endpoint: e.Endpoint()})
	if err != nil {
		log.Panic(err)
	}
	users, err := repo.New[user](db, repo.Spec{Table: "users", Key: key.Spec{Hash: key.String("id")}})
	if err != nil {
		log.Panic(err)
	}
	if err := setup(ctx, users); err != nil {
		log.Panic(err)
	}

	for _, name := range []string{"Ann", "Anne"} {
		if err := users.Put(ctx, &user{ID: "1", Name: name}); err != nil {
			log.Panic(err)
		}
	}
	s, err := stream.New(users, nil)
	if err != nil {
		log.Panic(err)
	}
	for change, err := range s.Changes(ctx) {
		if err != nil {
			log.Panic(err)
		}
		fmt.Println(change.Kind, change.New.Name)
	}

	next, err := stream.New(users, &stream.Options{From: s.Checkpoint()})
	if err != nil {
		log.Panic(err)
	}
	if err := users.Delete(ctx, key.Of("1")); err != nil {
		log.Panic(err)
	}
	for change, err := range next.Changes(ctx) {
		if err != nil {
			log.Panic(err)
		}
		fmt.Println(change.Kind, change.Old.Name)
	}
	// Output:
	// INSERT Ann
	// MODIFY Anne
	// REMOVE Anne
}

// setup creates the table and switches its stream on.
func setup(ctx context.Context, m table.Model) error {
	if _, err := table.Create(ctx, m, nil); err != nil {
		return err
	}
	_, err := table.SetStream(ctx, m, types.StreamViewTypeNewAndOldImages, nil)
	return err
}
