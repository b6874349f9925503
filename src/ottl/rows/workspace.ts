import { WireWriter } from '../../pdata/index.ts';
import { MessageView } from './message-view.ts';
import { RowView } from './row-view.ts';

/** What an editor works with on one request after another: the arena, the row, and views for resources and scopes. */
export class Workspace {
  readonly arena = new WireWriter(4096);
  readonly request = new MessageView(this.arena);
  readonly row = new RowView(this.arena);
  readonly #views: MessageView[] = [];
  #used = 0;

  begin(bytes: Uint8Array): void {
    this.request.point(bytes, 0, bytes.length);
    this.row.limit(bytes.length);
    this.arena.expect(bytes);
  }

  /** A view for as long as the request is worked on. */
  readonly take = (): MessageView => {
    if (this.#used === this.#views.length) this.#views.push(new MessageView(this.arena));
    return this.#views[this.#used++]!;
  };

  /** Lets go of the request. */
  end(): void {
    this.arena.truncate(0);
    this.arena.expect(undefined);
    this.request.release();
    this.row.release();
    for (let at = 0; at < this.#used; at++) this.#views[at]!.release();
    this.#used = 0;
  }
}
