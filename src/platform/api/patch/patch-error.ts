/** A patch that cannot be applied, with the status that kube-apiserver answers. */

export class PatchError extends Error {
  /** 400 for a body that is no patch of its kind, 422 for one that does not fit the object. */
  readonly status: 400 | 422;

  constructor(status: 400 | 422, message: string) {
    super(message);
    this.name = 'PatchError';
    this.status = status;
  }
}
