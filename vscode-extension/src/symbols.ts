// The symbols of a file in, those of them that a Python server does not list too out; knows no VS Code.

interface Listed<T> {
  readonly name: string;
  detail: string;
  readonly children: readonly T[];
}

/** What stands in the kernels, each with its kernel's name: the functions themselves are in the other's list, and would be there twice. */
export function withoutFunctions<T extends Listed<T>>(symbols: readonly T[]): T[] {
  return symbols.flatMap((kernel) =>
    kernel.children.map((inner) => {
      inner.detail = inner.detail === "" ? kernel.name : `${kernel.name} · ${inner.detail}`;
      return inner;
    }),
  );
}
