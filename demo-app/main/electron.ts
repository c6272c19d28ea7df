export async function runInElectron(): Promise<void> {}
