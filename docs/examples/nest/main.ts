// An API of Nest.
//
//     npm run build && node ../dist/nest/main.js

import 'reflect-metadata';
import { Controller, Delete, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AccessToken } from 'at9068';
import { AccessTokenModule, Require, Token } from 'at9068/nest';
import { options, port } from '../settings.js';

@Controller()
class PatientsController {
  @Get('health')
  health() {
    return { ok: true };
  }

  @Get('me')
  @Require()
  me(@Token() { sub, client_id, scopes }: AccessToken) {
    return { sub, client_id, scopes: [...scopes] };
  }

  @Get('patients')
  @Require({ scopes: ['read:patients'] })
  patients() {
    return { patients: [] };
  }

  @Delete('patients')
  @Require({ permissions: ['delete:patients'] })
  deletePatients() {
    return { deleted: true };
  }
}

@Module({ imports: [AccessTokenModule.forRoot(options)], controllers: [PatientsController] })
class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(port, '127.0.0.1');
