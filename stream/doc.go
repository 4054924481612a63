// Package stream reads what changed in a table, as items of its model.
//
// A table with a stream keeps its changes for 24 hours, each once, and those of
// one item in order. [Stream.Changes] hands them out in a loop; [Checkpoint]
// tells where it stands, for the next run of the program:
//
//	s, err := stream.New(users, &stream.Options{From: saved, Follow: true})
//	...
//	for change, err := range s.Changes(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(change.Kind, change.New)
//		saved = s.Checkpoint()
//	}
//
// [Handle] and [Parse] do the same with the events that a Lambda function
// receives.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/streams.md.
package stream
