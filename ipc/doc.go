// Package ipc is what can be asked of the daemon, and how.
//
// Every method stands once, in methods.go: its name, one sentence, and the Go
// types of its parameters and its result. Server, client, the answer to
// rpc.discover and docs/rpc.md all come from that table.
//
// On the wire it is JSON-RPC 2.0, one message a line, over a Unix socket; and,
// on the same one, the first protocol of this system, an object each
// (legacy.go). What comes goes this way:
//
//	stream    bytes → lines and objects, bounded (lines.go, object.go, stream.go)
//	parse     one of them → requests, or an error (request.go)
//	link      a connection: who runs, who waits (link.go, dispatch.go, places.go)
//	Method    params → P, handler, R → result   (method.go, params.go)
//	outbox    answers and notifications → bytes, bounded in memory and time (outbox.go, budget.go)
//
// What must hold:
//
//   - A client costs a bounded amount of memory and cannot hold up the daemon
//     or other clients, whatever it sends and whether or not it reads.
//   - Requests of one connection run side by side; their answers come in any
//     order. Commands of the first protocol take turns. What a handler hands
//     to [Conn.Go] starts after its answer.
//   - Only the daemon's own user and root are served, and a client talks only
//     to a daemon of its own user or root's (peer.go). What others plant at a
//     socket's path costs that path and nothing else (socket.go).
//   - Every goroutine of a Server has ended when its Serve returns.
//
// A client that only asks links nothing beyond the standard library's net and
// encoding/json: it is started hundreds of times a day.
package ipc
